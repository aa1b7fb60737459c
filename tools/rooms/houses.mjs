/** Rooms of a house's part `platform/`. */
const platform = (...rooms) => rooms.map((room) => `platform/${room}`);

/**
 * The source trees that stand in rooms. A room is a folder with one door, its `index.ts`, whose first lines say what the room owns; what
 * the door exports is all that others may use. Each room names the rooms whose doors it opens, and only rooms above it in its list: so
 * arrows run one way. A room that is a path (`platform/http`) is a room within a part of the house.
 *
 * Files that stand in no room, at the top of the tree, are the front of the house: they may open every door, and no room imports them.
 */
export const houses = [
  {
    folder: 'libs/ledger/src',
    rooms: {
      storage: [],
      records: ['storage'],
      tenancy: ['storage'],
      notices: ['records', 'storage', 'tenancy'],
      limits: ['records'],
      transitions: ['limits', 'notices', 'records', 'storage'],
      acceptance: ['records', 'storage', 'transitions'],
      dispatch: ['limits', 'records', 'storage', 'transitions'],
      claiming: ['limits', 'records', 'storage', 'transitions'],
      outcomes: ['limits', 'notices', 'records', 'storage', 'transitions'],
      commands: ['acceptance', 'records', 'storage', 'tenancy', 'transitions'],
      groups: ['acceptance', 'commands', 'records', 'storage', 'transitions'],
      time: ['acceptance', 'claiming', 'groups', 'records', 'storage', 'transitions'],
      dead: ['acceptance', 'records', 'storage', 'tenancy', 'transitions'],
      explaining: ['limits'],
      reading: ['explaining', 'outcomes', 'records', 'storage'],
      figures: ['limits', 'transitions'],
    },
  },
  {
    folder: 'libs/rabbitmq/src',
    rooms: {
      connection: [],
      topology: ['connection'],
      messages: [],
      worker: ['connection', 'messages', 'topology'],
      'ledger-side': ['connection', 'messages', 'topology'],
    },
  },
  {
    folder: 'apps/console/src',
    rooms: {
      'platform/formats': [],
      'platform/api': [],
      'platform/preferences': [],
      'platform/navigation': platform('api'),
      'platform/live': platform('api'),
      'platform/session': platform('api', 'live'),
      'platform/components': platform('formats', 'api', 'preferences', 'session'),
      'platform/overview': platform('api', 'live', 'components'),
      'platform/palette': platform('formats', 'api', 'preferences', 'navigation', 'session', 'components'),
      'platform/pages/now': platform('formats', 'navigation', 'components', 'overview'),
      'platform/pages/jobs': platform('formats', 'api', 'preferences', 'navigation', 'live', 'session', 'components'),
      'platform/pages/batches': platform('formats', 'api', 'navigation', 'live', 'session', 'components'),
      'platform/pages/redrives': platform('formats', 'api', 'navigation', 'live', 'session', 'components'),
      'platform/pages/failures': platform(
        'formats',
        'api',
        'navigation',
        'live',
        'session',
        'components',
        'pages/redrives',
      ),
      'platform/pages/schedules': platform('api', 'navigation', 'session', 'components'),
      'platform/pages/queues': platform('formats', 'api', 'navigation', 'live', 'session', 'components', 'overview'),
      'platform/pages': platform(
        'pages/now',
        'pages/jobs',
        'pages/batches',
        'pages/redrives',
        'pages/failures',
        'pages/schedules',
        'pages/queues',
      ),
      'platform/app': platform('api', 'preferences', 'navigation', 'live', 'session', 'components', 'palette', 'pages'),
      'workloads/trading': platform('formats', 'api', 'navigation', 'live', 'session', 'components'),
      'workloads/spreadsheets': platform('api', 'navigation', 'live', 'session', 'components'),
      'workloads/mesh': platform('api', 'navigation', 'live', 'session', 'components'),
      workloads: ['workloads/trading', 'workloads/spreadsheets', 'workloads/mesh'],
    },
  },
];
