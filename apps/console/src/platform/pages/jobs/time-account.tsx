import type { JobExplanation } from '../../api/index.js';
import { Panel, PlainTable, StackedBar, Swatch, Time } from '../../components/index.js';
import { formatDuration } from '../../formats/index.js';
import { causeOf } from './causes.js';

/** Every millisecond of the job's life once, as a bar and as a table. */
export function TimeAccount({ explanation }: { explanation: JobExplanation }) {
  const { segments, wall_ms: wallMs } = explanation;
  const parts = segments.map(({ cause, ms, on, from }) => {
    const { label, series } = causeOf(cause);
    return {
      key: `${from} ${cause}`,
      label: `${label}${on ? ` (${on})` : ''}: ${formatDuration(ms)}`,
      value: ms,
      series,
    };
  });
  return (
    <Panel title={`Where ${formatDuration(wallMs)} went`}>
      <StackedBar parts={parts} />
      <PlainTable
        label="Where its time went"
        columns={['What', 'From', '#For']}
        rows={segments.map(({ cause, from, ms, on, attempt }) => {
          const { label, series } = causeOf(cause);
          return {
            key: `${from} ${cause}`,
            cells: [
              <>
                <Swatch series={series} />
                {label}
                {on && <code> {on}</code>}
                {attempt !== undefined && ` (attempt ${attempt})`}
              </>,
              <Time at={from} />,
              formatDuration(ms),
            ],
          };
        })}
      />
    </Panel>
  );
}
