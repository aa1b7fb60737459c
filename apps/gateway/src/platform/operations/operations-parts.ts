import type { Type } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { DiagnosticsController } from './diagnostics.controller.js';
import { PlatformController } from './platform.controller.js';

export const operationsControllers: Type[] = [AuditController, DiagnosticsController, PlatformController];
