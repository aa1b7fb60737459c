import type { SolidReport } from '../solid/inspect-solid.js';
import type { FileFormat } from './engine-settings.js';

export interface WrittenFile {
  format: FileFormat;
  path: string;
}

/** A mesh that has been written and inspected. */
export interface MadeMesh {
  report: SolidReport;
  files: WrittenFile[];
  /** Silhouettes. */
  foreground?: 'alpha' | 'dark' | 'bright';
  iou?: number;
  maxErrorPx?: number;
  /** Reliefs; shares of the full height. */
  rmsError?: number;
  maxError?: number;
  limited?: boolean;
}

/** `share` is 0 … 1. */
export type OnProgress = (share: number, message: string) => void;
