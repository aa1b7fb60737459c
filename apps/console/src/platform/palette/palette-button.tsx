import { lazy, Suspense } from 'react';
import { Button } from '../components/index.js';
import styles from './palette-button.module.css';

const Palette = lazy(() => import('./palette.js'));
const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** How the keys are called on this computer. */
export const paletteKeys = isApple ? '⌘ K' : 'Ctrl K';

/** Opens the palette, and holds it while it is open. */
export function PaletteButton({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <>
      <Button className={styles.button} aria-haspopup="dialog" onClick={() => onOpenChange(true)}>
        Go to <kbd className={styles.keys}>{paletteKeys}</kbd>
      </Button>
      {open && (
        <Suspense>
          <Palette onClose={() => onOpenChange(false)} />
        </Suspense>
      )}
    </>
  );
}
