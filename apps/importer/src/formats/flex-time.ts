import { DateTime } from 'luxon';
import { plausibleTime } from '../fills/fill-fields.js';
import { RowProblem } from '../fills/row-problem.js';
import { firstPass } from '../fills/timestamp.js';

/** Date formats a Flex query can be set to that read the same everywhere. */
const DATES = ['yyyyMMdd', 'yyyy-MM-dd', 'dd-MMM-yy'];
const TIMES = ['HHmmss', 'HH:mm:ss'];
const PARTS = /^(.+?)\s*[;,T ]\s*(\d{6}|\d{2}:\d{2}:\d{2})(?:\s+([A-Z]{2,5}|[+-]\d{2}:?\d{2}))?$/;
/** Zones that a Flex query set to `HH:mm:ss TimeZone` appends. */
const ZONES: Record<string, string> = {
  EST: 'UTC-5',
  EDT: 'UTC-4',
  CST: 'UTC-6',
  CDT: 'UTC-5',
  GMT: 'UTC',
  UTC: 'UTC',
  BST: 'UTC+1',
  CET: 'UTC+1',
  CEST: 'UTC+2',
};

export interface FlexTimeFormat {
  /** Luxon tokens of the date as the query is set up, e.g. 'MM/dd/yyyy'. Default: the formats that are unambiguous. */
  dateFormat?: string;
  /** IANA zone of times that name none: the account's. Default America/New_York. */
  zone?: string;
}

/** The instant of a `dateTime` attribute. */
export function flexTime(text: string, { dateFormat, zone = 'America/New_York' }: FlexTimeFormat): Date {
  const [, date = '', time = '', named = ''] = PARTS.exec(text.trim().slice(0, 64)) ?? [];
  const offset = /^[+-]/.test(named) ? `UTC${named}` : named === '' ? zone : ZONES[named];
  if (!offset)
    throw new RowProblem(
      'dateTime',
      text,
      `dateTime has the unknown time zone ${named}; set the query to times without one`,
    );
  for (const dates of dateFormat ? [dateFormat] : DATES)
    for (const times of TIMES) {
      const at = DateTime.fromFormat(`${date} ${time}`, `${dates} ${times}`, { zone: offset, locale: 'en-US' });
      if (at.isValid) return plausibleTime('dateTime', text, firstPass(at));
    }
  const expected = dateFormat ? `${dateFormat};HHmmss` : 'yyyyMMdd;HHmmss';
  throw new RowProblem(
    'dateTime',
    text,
    `dateTime is not written as ${expected}; set the Flex query's date and time format to it`,
  );
}
