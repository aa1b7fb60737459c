import { TradeFileFormat, type ImportTradesRequest, type UploadedFile } from '@roundhouse/contracts';
import { JobFailure } from '@roundhouse/jobs';
import type { FileStorage } from '@roundhouse/storage';
import type { Connection, ConnectionStore, ImportOrigin, Owner, UploadStore } from '@roundhouse/trading';
import { Readable } from 'node:stream';
import { AlpacaFills } from '../connectors/alpaca.js';
import { BinanceFills } from '../connectors/binance.js';
import type { FillSource } from '../fills/broker.js';
import type { FillFile } from '../formats/file-bytes.js';
import { GenericCsvFills } from '../formats/generic-csv.js';
import { IbkrFlexFills } from '../formats/ibkr-flex.js';
import type { ProviderHttp } from '../connectors/provider.js';
import { SchwabCsvFills } from '../formats/schwab-csv.js';

/** What an import reads from. */
export interface OpenedSource {
  fills: FillSource;
  /** Where the fills' ids are unique: adapter name. */
  broker: string;
  /** For messages: a file's name, or a connection's. */
  name: string;
  origin: ImportOrigin;
}

/** Finds what a request names, for its owner only, and opens it. */
export class FillSources {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly uploads: UploadStore,
    private readonly storage: FileStorage,
    private readonly http: ProviderHttp,
  ) {}

  /** NOT_FOUND for a connection or an upload that is not the owner's; INVALID_INPUT when it cannot be read at all. */
  async open(owner: Owner, source: ImportTradesRequest['source']): Promise<OpenedSource> {
    switch (source?.$case) {
      case 'connectionId':
        return this.openConnection(owner, source.value);
      case 'file':
        return this.openFile(owner, source.value);
      case undefined:
        throw new JobFailure('INVALID_INPUT', 'Give a connection_id or a file to import from', { field: 'source' });
    }
  }

  private async openConnection(owner: Owner, id: string): Promise<OpenedSource> {
    const connection = await this.connections.find(owner.tenantId, id);
    const credentials = await this.connections.credentials(owner.tenantId, id);
    if (!connection || !credentials || connection.userId !== owner.userId) {
      throw new JobFailure('NOT_FOUND', `The user has no broker connection ${id}; create it first`, {
        field: 'connection_id',
      });
    }
    const fills = this.broker(connection, credentials);
    return { fills, broker: connection.broker, name: connection.name, origin: { connectionId: id } };
  }

  private broker(connection: Connection, credentials: Record<string, string>): FillSource {
    const { broker, name, settings } = connection;
    const credential = (field: string): string => {
      const value = credentials[field];
      if (value) return value;
      throw new JobFailure('UNAUTHENTICATED', `The connection "${name}" has no ${field}; enter it and import again`, {
        field: 'connection_id',
      });
    };
    const text = (field: string) => (typeof settings[field] === 'string' ? settings[field] : undefined);
    const common = { ...this.http, connection: name, baseUrl: text('base_url') };
    switch (broker) {
      case 'alpaca':
        return new AlpacaFills({
          ...common,
          keyId: credential('key_id'),
          secret: credential('secret'),
          currency: text('currency'),
        });
      case 'binance': {
        const symbols = Array.isArray(settings.symbols) ? settings.symbols.map(String) : [];
        return new BinanceFills({ ...common, apiKey: credential('api_key'), secret: credential('secret'), symbols });
      }
      default:
        throw new JobFailure('FAILED_PRECONDITION', `Nothing can be imported from a connection to "${broker}"`, {
          field: 'connection_id',
        });
    }
  }

  private async openFile(owner: Owner, file: UploadedFile): Promise<OpenedSource> {
    const upload = await this.uploads.find(owner, file.storageKey);
    if (!upload) {
      throw new JobFailure('NOT_FOUND', `The user has not uploaded ${file.storageKey}; upload the file first`, {
        field: 'file.storage_key',
      });
    }
    const name = file.name || upload.name;
    if (!(await this.storage.stat(file.storageKey))) {
      throw new JobFailure('NOT_FOUND', `The upload ${name} is not stored any more; upload it again`, {
        field: 'file.storage_key',
      });
    }
    const content = Readable.from(this.content(file.storageKey));
    const { fills, broker } = fileSource(file, { name, content, size: upload.bytes });
    return { fills, broker, name, origin: { storageKey: file.storageKey } };
  }

  /** Opened when the first byte is read: a source nobody reads holds no file open. */
  private async *content(storageKey: string): AsyncIterable<Buffer> {
    yield* await this.storage.open(storageKey);
  }
}

function fileSource(request: UploadedFile, file: FillFile): { fills: FillSource; broker: string } {
  switch (request.format) {
    case TradeFileFormat.IBKR_FLEX_XML:
      return { fills: new IbkrFlexFills({ file, zone: request.mapping?.timeZone || undefined }), broker: 'ibkr' };
    case TradeFileFormat.SCHWAB_CSV:
      return { fills: new SchwabCsvFills({ file }), broker: 'schwab' };
    case TradeFileFormat.GENERIC_CSV:
      if (!request.mapping) {
        throw new JobFailure('INVALID_INPUT', 'A generic CSV file needs a mapping of its columns', {
          field: 'file.mapping',
        });
      }
      return {
        fills: new GenericCsvFills({ file, mapping: request.mapping }),
        broker: request.mapping.broker || 'csv',
      };
    default:
      throw new JobFailure('INVALID_INPUT', 'The format of the file is not known', { field: 'file.format' });
  }
}
