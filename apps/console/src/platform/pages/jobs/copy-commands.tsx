import type { ConsoleJob } from '../../api/index.js';
import { CopyButton, Dialog } from '../../components/index.js';
import { useSession } from '../../session/index.js';
import { asCli, asCurl, jobCommands } from './job-commands.js';
import styles from './job-dialogs.module.css';

/** What can be done to the job, for a terminal. */
export function CopyCommands({ job, onClose }: { job: ConsoleJob; onClose: () => void }) {
  const { allows } = useSession();
  const { origin } = window.location;
  const commands = jobCommands.filter(({ offered, scope }) => offered(job) && allows(scope));
  return (
    <Dialog title="Copy as a command" wide open onOpenChange={onClose}>
      <p className={styles.soft}>
        They read the API key from the variable <code>ROUNDHOUSE_API_KEY</code>; without it,{' '}
        <code>./roundhouse job</code> takes the key of the installation in its folder.
      </p>
      {commands.map((command) => (
        <section key={command.name} className={styles.command} aria-label={command.name}>
          <h3>{command.name}</h3>
          <p className={styles.soft}>{command.repeating}</p>
          <Line what={command.name} label="Copy curl" text={asCurl(command, origin, job.id)} />
          <Line what={command.name} label="Copy CLI" text={asCli(command, origin, job.id)} />
        </section>
      ))}
    </Dialog>
  );
}

function Line({ what, label, text }: { what: string; label: string; text: string }) {
  return (
    <div className={styles.line}>
      <code>{text}</code>
      <CopyButton label={label} what={what} text={text} />
    </div>
  );
}
