import { Injectable } from '@nestjs/common';
import { SheetProcess, type FileFacts, type Preview, type SheetChoice, type Template } from '@roundhouse/spreadsheets';
import type { FileStorage } from '@roundhouse/storage';
import { StoredFiles } from '../../platform/files/index.js';

/** Files that are looked into at once; the others wait their turn. */
const atOnce = 2;
const previewRows = 20;
const silenceMs = 60_000;

/** Looks into uploaded files, each in a process of its own: the gateway itself never parses one. */
@Injectable()
export class SheetReader {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(@StoredFiles() private readonly storage: FileStorage) {}

  /** INVALID_INPUT with the reason when the file is not one that can be imported. */
  async inspect(storageKey: string): Promise<FileFacts> {
    return this.inTurn(() =>
      this.storage.borrow(storageKey, (path) => SheetProcess.start({ silenceMs }).ask({ type: 'inspect', path })),
    );
  }

  async preview(
    storageKey: string,
    choice: Omit<SheetChoice, 'path'>,
    template: Template | undefined,
  ): Promise<Preview> {
    return this.inTurn(() =>
      this.storage.borrow(storageKey, (path) =>
        SheetProcess.start({ silenceMs }).ask({ type: 'preview', ...choice, path, template, rows: previewRows }),
      ),
    );
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= atOnce) await new Promise<void>((turn) => this.waiting.push(turn));
    else this.running += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
