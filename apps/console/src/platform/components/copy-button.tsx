import { useEffect, useState } from 'react';
import { useAnnounce } from './announcer.js';
import { Button } from './button.js';

const shownMs = 2_500;

/** Puts a text into the clipboard and says so on the button itself. Browsers have a clipboard for https and localhost only. */
export function CopyButton({ text, label = 'Copy', what }: { text: string; label?: string; what: string }) {
  const announce = useAnnounce();
  const [outcome, setOutcome] = useState<string>();
  useEffect(() => {
    if (!outcome) return undefined;
    const timer = window.setTimeout(() => setOutcome(undefined), shownMs);
    return () => window.clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('Copied');
      announce(`Copied: ${what}`);
    } catch {
      setOutcome('Not allowed');
      announce('This browser does not let the page use the clipboard: select the text and copy it');
    }
  };
  return (
    <Button onClick={() => void copy()}>
      {outcome ?? label} <span className="visually-hidden">{what}</span>
    </Button>
  );
}
