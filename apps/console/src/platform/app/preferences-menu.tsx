import { useState } from 'react';
import { Button, Dialog, SelectField } from '../components/index.js';
import { usePreferences } from '../preferences/index.js';

const zones = ['local', 'UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Light or dark, and the time zone of all times. */
export function PreferencesMenu() {
  const [open, setOpen] = useState(false);
  const [{ theme, timeZone }, set] = usePreferences();
  return (
    <>
      <Button variant="plain" onClick={() => setOpen(true)}>
        Display
      </Button>
      <Dialog title="Display" open={open} onOpenChange={setOpen}>
        <SelectField
          label="Colours"
          value={theme}
          onChange={(value) => set({ theme: value as typeof theme })}
          options={[
            { value: 'system', label: 'As the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
        <SelectField
          label="Time zone"
          value={timeZone}
          onChange={(value) => set({ timeZone: value })}
          options={zones.map((zone) => ({ value: zone, label: zone === 'local' ? `This computer’s (${here})` : zone }))}
        />
      </Dialog>
    </>
  );
}
