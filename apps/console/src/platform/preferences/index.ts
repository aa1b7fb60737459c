/**
 * What the person at this browser has chosen to keep: theme, time zone, searches under a name. It is in the browser's
 * storage.
 */
export { applyTheme, usePreferences, useTimeZone } from './preferences.js';
export { longestName, mostViews, useSavedViews, type SavedView } from './saved-views.js';
