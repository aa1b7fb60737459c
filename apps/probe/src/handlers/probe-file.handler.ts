import { Controller } from '@nestjs/common';
import type { ProbeFileRequest, ProbeFileResult } from '@roundhouse/contracts';
import { JobHandler } from '@roundhouse/rabbitmq';

@Controller()
export class ProbeFileHandler {
  /** Names the file that it was given; whether there is one is for the storage to say. */
  @JobHandler('platform.probe_file')
  async handle({ text, file }: ProbeFileRequest): Promise<ProbeFileResult> {
    return { text, file };
  }
}
