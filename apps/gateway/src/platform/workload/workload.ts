import type { Provider, Type } from '@nestjs/common';
import type { FileStorage } from '@roundhouse/storage';
import type { Logger } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import type { z } from 'zod';
import type { LedgerEngine } from '../engine/index.js';

/** What a workload adds to the gateway, all of it. The gateway knows its workloads by a list of these. */
export interface Workload<Fields extends z.ZodRawShape = z.ZodRawShape> {
  /** Its settings, as fields of the gateway's configuration; they may be fields of the platform's as well. */
  fields: Fields;
  /** Its routes, described by `@Operation` like all others. */
  controllers: readonly Type[];
  /** What of it has an id that people may have at hand; `find` says which it is. */
  things: readonly string[];
  /** Called once at start, before there are requests. */
  open(context: WorkloadContext<z.output<z.ZodObject<Fields>>>): OpenWorkload | Promise<OpenWorkload>;
}

/** What a workload is given by the gateway. */
export interface WorkloadContext<Config> {
  config: Config;
  /** The gateway's connections: all schemas are in one database. */
  database: DataSource;
  /** Started. */
  engine: LedgerEngine;
  /** Where uploaded and made files lie. */
  files: FileStorage;
  /** Opens a store of its own instead. */
  openFiles: (url: string) => Promise<FileStorage>;
  log: Logger;
}

/** A workload at work. */
export interface OpenWorkload {
  /** What its controllers are made with, beside what the platform provides. */
  providers: Provider[];
  /** What of the tenant has this id, by primary keys alone. */
  find(tenantId: string, id: string): Promise<WorkloadThing[]>;
  /** Ends what `open` has started; there are no requests any more. */
  stop?(): Promise<void>;
}

export interface WorkloadThing<T extends string = string> {
  type: T;
  id: string;
  name: string;
  state: string | null;
  /** Whose it is, where its page asks for that. */
  user_id?: string;
}
