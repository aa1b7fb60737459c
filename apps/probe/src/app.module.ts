import { Module } from '@nestjs/common';
import { NoopHandler } from './handlers/noop.handler.js';
import { ProbeHandler } from './handlers/probe.handler.js';

@Module({ controllers: [NoopHandler, ProbeHandler] })
export class ProbeModule {}
