import { Module } from '@nestjs/common';
import { LimitedProbeHandlers } from './handlers/limited-probe.handlers.js';
import { NoopHandler } from './handlers/noop.handler.js';
import { ProbeCriticalHandler, ProbeLowHandler } from './handlers/probe-classes.handlers.js';
import { ProbeFileHandler } from './handlers/probe-file.handler.js';
import { ProbeStepsHandler } from './handlers/probe-steps.handler.js';
import { ProbeUniqueHandler } from './handlers/probe-unique.handler.js';
import { ProbeHandler } from './handlers/probe.handler.js';
import { RatedProbeHandler } from './handlers/rated-probe.handler.js';

@Module({
  controllers: [
    NoopHandler,
    ProbeHandler,
    ProbeUniqueHandler,
    ProbeCriticalHandler,
    ProbeLowHandler,
    ProbeFileHandler,
    ProbeStepsHandler,
    LimitedProbeHandlers,
    RatedProbeHandler,
  ],
})
export class ProbeModule {}
