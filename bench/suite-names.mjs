/** What `--suite` may name, the default first. Apart from the suites, so that a wrong name is refused before anything is loaded or started. */
export const suiteNames = ['jobs', 'accept', 'mesh', 'scoring', 'spreadsheets'];
