import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { api, type Answer } from '../../platform/api/index.js';
import {
  ActionDialog,
  Button,
  Empty,
  Loading,
  Panel,
  PlainTable,
  ProblemNotice,
  SelectField,
  TextField,
  Time,
  useAnnounce,
} from '../../platform/components/index.js';
import { useSession } from '../../platform/session/index.js';
import { TradingPage } from './trading-page.js';
import styles from './trading-page.module.css';

type Connections = Answer<'/v1/connections', 'get'>;
type Connection = Connections['connections'][number];

export default function AccountsPage() {
  return (
    <TradingPage title="Accounts">
      {(userId) => (
        <>
          <ConnectionList userId={userId} />
          <Connect userId={userId} />
        </>
      )}
    </TradingPage>
  );
}

function ConnectionList({ userId }: { userId: string }) {
  const { allows } = useSession();
  const [leaving, setLeaving] = useState<Connection>();
  const list = useQuery({
    queryKey: ['trading', 'connections', userId],
    queryFn: ({ signal }) =>
      api.get<Connections>('/v1/connections', { query: { user_id: userId, limit: 200 }, signal }),
  });
  return (
    <Panel title="Connected accounts">
      <ProblemNotice error={list.error} />
      {list.isPending && <Loading label="Loading the accounts" rows={2} />}
      {list.data?.connections.length === 0 && (
        <Empty title="No account is connected">
          <p>Connect one below, or import a file of your broker. Connected accounts are imported every night.</p>
        </Empty>
      )}
      {list.data && list.data.connections.length > 0 && (
        <PlainTable
          label="Connected accounts"
          columns={['Name', 'Broker', 'Connected', 'Actions']}
          rows={list.data.connections.map((connection) => ({
            key: connection.id,
            cells: [
              connection.name,
              connection.broker,
              <Time at={connection.created_at} />,
              allows('jobs:write') && (
                <span className={styles.tags}>
                  <ImportNow connection={connection} />
                  <Button variant="danger" onClick={() => setLeaving(connection)}>
                    Disconnect
                  </Button>
                </span>
              ),
            ],
          }))}
        />
      )}
      {leaving && <Disconnect connection={leaving} onClose={() => setLeaving(undefined)} />}
    </Panel>
  );
}

function ImportNow({ connection }: { connection: Connection }) {
  const navigate = useNavigate();
  const announce = useAnnounce();
  const run = useMutation({
    mutationFn: () =>
      api.post<{ job_id: string }>('/v1/trades/imports', { user_id: connection.user_id, connection_id: connection.id }),
    onSuccess: ({ job_id: id }) => {
      announce('The import has begun');
      void navigate({ to: `/trading/imports/${id}` });
    },
  });
  return (
    <>
      <Button disabled={run.isPending} onClick={() => run.mutate()}>
        Import now
      </Button>
      <ProblemNotice error={run.error} />
    </>
  );
}

function Disconnect({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const run = useMutation({
    mutationFn: () => api.delete(`/v1/connections/${connection.id}`),
    onSuccess: () => {
      announce(`${connection.name} is disconnected`);
      void queries.invalidateQueries({ queryKey: ['trading'] });
      onClose();
    },
  });
  return (
    <ActionDialog
      title={`Disconnect ${connection.name}`}
      action="Disconnect"
      variant="danger"
      disabled={run.isPending}
      onAction={() => run.mutate()}
      onClose={onClose}
      refusal="Keep it"
      error={run.error}
    >
      <p>Its credentials are deleted and it is not imported any more. Trades that were imported stay.</p>
    </ActionDialog>
  );
}

const emptyForm = { name: '', keyId: '', secret: '', symbols: '' };

function Connect({ userId }: { userId: string }) {
  const { allows } = useSession();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [broker, setBroker] = useState('alpaca');
  const [form, setForm] = useState(emptyForm);
  const set = (field: keyof typeof emptyForm) => (value: string) => setForm({ ...form, [field]: value });
  const run = useMutation({
    mutationFn: () =>
      api.post('/v1/connections', { user_id: userId, broker, name: form.name, ...termsOf(broker, form) }),
    onSuccess: () => {
      announce(`${form.name} is connected`);
      setForm(emptyForm);
      void queries.invalidateQueries({ queryKey: ['trading'] });
    },
  });
  if (!allows('jobs:write')) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run.mutate();
  };
  return (
    <Panel title="Connect an account">
      <form className={styles.form} onSubmit={submit}>
        <SelectField
          label="Broker"
          value={broker}
          onChange={setBroker}
          options={[
            { value: 'alpaca', label: 'Alpaca' },
            { value: 'binance', label: 'Binance' },
          ]}
        />
        <TextField label="Name" value={form.name} onChange={set('name')} required />
        <TextField label="Key" value={form.keyId} onChange={set('keyId')} autoComplete="off" required />
        <TextField
          label="Secret"
          type="password"
          value={form.secret}
          onChange={set('secret')}
          autoComplete="off"
          required
        />
        {broker === 'binance' && (
          <TextField label="Pairs" hint="BTCUSDT, ETHUSDT" value={form.symbols} onChange={set('symbols')} required />
        )}
        <Button type="submit" variant="primary" disabled={run.isPending}>
          Connect
        </Button>
      </form>
      <p>A key that may only read is enough, and safer. It is stored sealed and never shown again.</p>
      <ProblemNotice error={run.error} />
    </Panel>
  );
}

/** Settings and credentials by the names that each broker gives them. */
function termsOf(broker: string, { keyId, secret, symbols }: typeof emptyForm): object {
  if (broker === 'alpaca') return { settings: {}, credentials: { key_id: keyId, secret } };
  const pairs = symbols.split(/[\s,]+/).filter(Boolean);
  return { settings: { symbols: pairs }, credentials: { api_key: keyId, secret } };
}
