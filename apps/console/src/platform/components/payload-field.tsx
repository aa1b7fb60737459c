import { useState } from 'react';
import { formatJson, parseEdited } from '../api/index.js';
import { useSession } from '../session/index.js';
import { TextField } from './text-field.js';

export interface PayloadText {
  text: string;
  change: (text: string) => void;
  /** Why the text is no JSON. */
  fault?: string;
  /** Hands on what was typed, or says what is wrong with it. */
  submit: (send: (payload: unknown) => void) => void;
}

/** A payload while it is edited, as JSON text; empty until there is one. */
export function usePayloadText(payload?: unknown): PayloadText {
  const [text, setText] = useState(() => formatJson(payload, 2));
  const [fault, setFault] = useState<string>();
  const submit: PayloadText['submit'] = (send) => {
    let edited: unknown;
    try {
      edited = parseEdited(text);
    } catch (error) {
      setFault(`This is no JSON: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    setFault(undefined);
    send(edited);
  };
  return { text, change: setText, fault, submit };
}

const restored =
  'What reads [redacted] keeps its value and goes where the edited payload sends it: look at its addresses twice.';
const kept =
  'What reads [redacted] keeps its value only while every other field stays as it is, for your API key lacks the scope payloads:read. To change another field, enter values of your own for what is hidden.';

export function PayloadField({ payload, rows }: { payload: PayloadText; rows: number }) {
  const { allows } = useSession();
  const hidden = payload.text.includes('"[redacted]"') ? ` ${allows('payloads:read') ? restored : kept}` : '';
  return (
    <TextField
      label="Payload"
      hint={`JSON. Whole numbers keep every digit.${hidden}`}
      rows={rows}
      code
      value={payload.text}
      onChange={payload.change}
      error={payload.fault}
    />
  );
}
