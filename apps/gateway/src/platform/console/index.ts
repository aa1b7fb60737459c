/**
 * What the console needs beside the public routes: its files, its event stream, overview, search, queue depths. Read once for all who look.
 */
export { ConsoleConfig, consoleFields } from './console-config.js';
export { ConsoleFeeds } from './console-feeds.js';
export { consoleFolder, serveConsole } from './console-files.js';
export { consoleControllers, consoleProviders } from './console-parts.js';
