import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, type Answer } from '../../platform/api/index.js';
import {
  Age,
  Button,
  Chart,
  Empty,
  Loading,
  Panel,
  PlainTable,
  ProblemNotice,
} from '../../platform/components/index.js';
import { formatNumber } from '../../platform/formats/index.js';
import { useUrlState } from '../../platform/navigation/index.js';
import { useJobsOfKind } from './job-of-kind.js';
import { Money } from './money.js';
import { TradingPage } from './trading-page.js';
import styles from './trading-page.module.css';

type Simulations = Answer<'/v1/simulations', 'get'>;
type Simulation = Simulations['simulations'][number];

/** The stored outcome; its decimals are text. */
interface Outcome {
  symbol: string;
  alternatives: {
    kind: string;
    days: number | null;
    exitDate: string | null;
    reason: string;
    pnl: string;
    deltaPnl: string;
  }[];
  curve: { days: number; date: string; pnl: string; deltaPnl: string }[];
}

export default function WhatIfsPage() {
  return <TradingPage title="What-ifs">{(userId) => <WhatIfs userId={userId} />}</TradingPage>;
}

function WhatIfs({ userId }: { userId: string }) {
  const queries = useQueryClient();
  const [{ trip }, change] = useUrlState();
  const list = useQuery({
    queryKey: ['trading', 'simulations', userId],
    queryFn: ({ signal }) =>
      api.get<Simulations>('/v1/simulations', { query: { user_id: userId, limit: 100 }, signal }),
  });
  useJobsOfKind(
    'trading.simulate_simple',
    () => void queries.invalidateQueries({ queryKey: ['trading', 'simulations'] }),
  );
  const simulations = list.data?.simulations ?? [];
  const shown = simulations.find(({ round_trip_id: id }) => id === trip) ?? (trip ? undefined : simulations[0]);
  return (
    <>
      <ProblemNotice error={list.error} />
      {list.isPending && <Loading label="Loading the simulations" />}
      {list.data && trip && !shown && (
        <p role="status">The alternatives of this trade are being worked out; they appear here by themselves.</p>
      )}
      {shown && <OutcomeView simulation={shown} />}
      {list.data && simulations.length === 0 && !trip && (
        <Empty title="Nothing was simulated yet">
          <p>Ask “What if?” beside a trade.</p>
        </Empty>
      )}
      {simulations.length > 0 && (
        <Panel title="All simulations">
          <PlainTable
            label="All simulations"
            columns={['Trade', '#It brought', 'Best alternative', '#More by', 'Worked out', 'Curve']}
            rows={simulations.map((simulation) => ({
              key: simulation.id,
              cells: [
                (simulation.outcome as Outcome).symbol,
                <Money amount={simulation.pnl_actual} />,
                nameOf(simulation.best_alternative),
                <Money amount={simulation.best_delta_pnl} />,
                <Age at={simulation.computed_at} />,
                <Button
                  aria-pressed={simulation === shown}
                  aria-label={`Show the curve of ${(simulation.outcome as Outcome).symbol}, ${simulation.id.slice(0, 8)}`}
                  onClick={() => change({ trip: simulation.round_trip_id })}
                >
                  Show
                </Button>,
              ],
            }))}
          />
        </Panel>
      )}
    </>
  );
}

const nameOf = (kind: string | null): string =>
  kind ? kind.replaceAll('_', ' ').replace(/^atr\b/, 'ATR') : 'none would have brought more';

function OutcomeView({ simulation }: { simulation: Simulation }) {
  const outcome = simulation.outcome as Outcome;
  const times = useMemo(() => outcome.curve.map(({ date }) => Date.parse(`${date}T12:00:00Z`)), [outcome]);
  const series = useMemo(
    () => [
      { label: 'if held', values: outcome.curve.map(({ pnl }) => Number(pnl)), series: 1, format: formatNumber },
      {
        label: 'as it was',
        values: outcome.curve.map(() => Number(simulation.pnl_actual)),
        series: 8,
        format: formatNumber,
      },
    ],
    [outcome, simulation],
  );
  return (
    <Panel title={`${outcome.symbol}: what it would have brought`}>
      {simulation.partial && <p>Part of the horizon is still to come; this may change.</p>}
      {outcome.curve.length > 0 && (
        <Chart title="Result by day of the sale" times={times} series={series} height={240} dates />
      )}
      <PlainTable
        label="Alternatives"
        columns={['Alternative', 'Ends', '#Result', '#Difference']}
        rows={outcome.alternatives.map(({ kind, days, exitDate, reason, pnl, deltaPnl }) => ({
          key: `${kind} ${exitDate}`,
          cells: [
            kind === 'hold' && days !== null ? `hold ${days} ${days === 1 ? 'session' : 'sessions'}` : nameOf(kind),
            exitDate ? `${exitDate} (${reason.replaceAll('_', ' ')})` : '–',
            <Money amount={pnl} />,
            <Money amount={deltaPnl} />,
          ],
        }))}
      />
      <p className={styles.tags}>Net of costs; daily bars. Past trades say nothing certain of future ones.</p>
    </Panel>
  );
}
