import { useEffect, useRef, useState } from 'react';
import { startScene } from './mesh-scene.js';
import styles from './mesh.module.css';

/** The mesh itself, to be turned and moved. Where there is no WebGL its picture stands in. */
export default function MeshViewer({
  url,
  name,
  thumbnail,
}: {
  url: string;
  name: string;
  thumbnail: string | undefined;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'shown' | string>('loading');
  // A link is signed anew at every reading; the file behind it is the same.
  const [first] = useState(url);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const controller = new AbortController();
    startScene(element, first, controller.signal).then(
      () => setState('shown'),
      (error: unknown) => {
        if (!controller.signal.aborted) setState(error instanceof Error ? error.message : String(error));
      },
    );
    return () => controller.abort();
  }, [first]);
  const failed = state !== 'loading' && state !== 'shown';
  return (
    <figure className={styles.viewer}>
      <div
        ref={frame}
        className={styles.canvas}
        role="img"
        aria-label={`${name || 'The mesh'} in three dimensions`}
        data-viewer={failed ? 'failed' : state}
        hidden={failed}
      />
      {failed && (
        <>
          {thumbnail && <img src={thumbnail} alt={name} width={512} height={512} />}
          <p>The mesh cannot be shown in three dimensions here: {state}</p>
        </>
      )}
      <figcaption>
        Drag to turn, scroll to come closer, right button to move. With the keyboard: arrow keys turn.
      </figcaption>
    </figure>
  );
}
