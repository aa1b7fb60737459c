import type { Type } from '@nestjs/common';
import { DomainEventsController } from './domain-events.controller.js';
import { JobEventsController } from './job-events.controller.js';

export const eventControllers: Type[] = [JobEventsController, DomainEventsController];
