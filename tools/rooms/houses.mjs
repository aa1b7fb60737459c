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
      time: ['acceptance', 'claiming', 'records', 'storage', 'transitions'],
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
      nest: ['worker'],
      'ledger-side': ['connection', 'messages', 'topology'],
    },
  },
  {
    folder: 'apps/gateway/src',
    rooms: {
      'platform/http': [],
      'platform/files': [],
      'platform/access': ['platform/http'],
      'platform/engine': [],
      'platform/submission': ['platform/engine', 'platform/http'],
      'platform/groups': ['platform/access', 'platform/engine', 'platform/http', 'platform/submission'],
      'platform/jobs': [
        'platform/access',
        'platform/engine',
        'platform/groups',
        'platform/http',
        'platform/submission',
      ],
      'platform/events': ['platform/access', 'platform/engine', 'platform/http', 'platform/jobs'],
      'platform/dead': ['platform/access', 'platform/engine', 'platform/http', 'platform/submission'],
      'platform/limits': ['platform/access', 'platform/engine', 'platform/http'],
      'platform/schedules': ['platform/access', 'platform/engine', 'platform/http', 'platform/submission'],
      'platform/webhooks': ['platform/access', 'platform/http'],
      'platform/status': ['platform/access', 'platform/engine', 'platform/files', 'platform/http'],
      'platform/workload': ['platform/engine', 'platform/http', 'platform/status', 'platform/submission'],
      'platform/console': ['platform/access', 'platform/engine', 'platform/http', 'platform/jobs', 'platform/workload'],
      'platform/openapi': ['platform/http'],
      'platform/operations': ['platform/access', 'platform/http', 'platform/openapi'],
      // A workload opens doors of the platform; the platform opens none of a workload.
      'workloads/trading': [
        'platform/access',
        'platform/files',
        'platform/http',
        'platform/submission',
        'platform/workload',
      ],
      'workloads/spreadsheets': [
        'platform/access',
        'platform/files',
        'platform/http',
        'platform/submission',
        'platform/workload',
      ],
      'workloads/mesh': [
        'platform/access',
        'platform/engine',
        'platform/http',
        'platform/status',
        'platform/submission',
        'platform/workload',
      ],
      workloads: ['platform/workload', 'workloads/mesh', 'workloads/spreadsheets', 'workloads/trading'],
    },
  },
];
