import { Module } from '@nestjs/common';
import { NoopHandler } from './handlers/noop.handler.js';
import { ProbeUniqueHandler } from './handlers/probe-unique.handler.js';
import { ProbeHandler } from './handlers/probe.handler.js';

@Module({ controllers: [NoopHandler, ProbeHandler, ProbeUniqueHandler] })
export class ProbeModule {}
