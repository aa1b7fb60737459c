/* Generated from proto/. Do not edit. */
import { GenerateBatchRequest, GenerateBatchResult, MeshBatchFinished, MeshBatchProgress, RecordFailureRequest, RecordFailureResult, RetryMeshRequest, RetryMeshResult } from './roundhouse/mesh/v1/batch.js';
import { CancelEngineTaskRequest, CancelEngineTaskResult, EngineCallbackRequest, EngineCallbackResult, GenerateMeshRequest, GenerateMeshResult, MeshFailed, MeshGenerated } from './roundhouse/mesh/v1/generate.js';
import { CleanupFailedRequest, CleanupFailedResult, CleanupOrphansRequest, CleanupOrphansResult, RenderThumbnailRequest, RenderThumbnailResult } from './roundhouse/mesh/v1/upkeep.js';
import { NoopRequest, NoopResult } from './roundhouse/platform/v1/noop.js';
import { ProbeDone, ProbeRequest, ProbeResult } from './roundhouse/platform/v1/probe.js';
import { ProbeCriticalRequest, ProbeLowRequest, ProbeStepsRequest } from './roundhouse/platform/v1/probe_classes.js';
import { ProbeFileRequest, ProbeFileResult } from './roundhouse/platform/v1/probe_file.js';
import { ExclusiveProbeRequest, LimitedProbeRequest, LimitedProbeResult, RatedProbeRequest, RatedProbeResult, YieldingProbeRequest } from './roundhouse/platform/v1/probe_limits.js';
import { ProbeUniqueRequest } from './roundhouse/platform/v1/probe_unique.js';
import { DeliverWebhookRequest, DeliverWebhookResult, WebhookGone } from './roundhouse/platform/v1/webhook.js';
import { ExportSpreadsheetRequest, ExportSpreadsheetResult, SpreadsheetExported } from './roundhouse/spreadsheets/v1/export.js';
import { ImportSpreadsheetRequest, ImportSpreadsheetResult, SpreadsheetImported } from './roundhouse/spreadsheets/v1/import.js';
import { DigestReady, GenerateDigestRequest, GenerateDigestResult } from './roundhouse/trading/v1/digest.js';
import { ImportProgress, ImportTradesRequest, ImportTradesResult } from './roundhouse/trading/v1/import.js';
import { CoachReflect, ScoreBiasRequest, ScoreBiasResult } from './roundhouse/trading/v1/score.js';
import { SimulateSimpleRequest, SimulateSimpleResult } from './roundhouse/trading/v1/simulate.js';

export const jobKinds = {
  'mesh.cancel_engine_task': { request: CancelEngineTaskRequest, result: CancelEngineTaskResult, requestType: 'roundhouse.mesh.v1.CancelEngineTaskRequest', resultType: 'roundhouse.mesh.v1.CancelEngineTaskResult' },
  'mesh.cleanup_failed': { request: CleanupFailedRequest, result: CleanupFailedResult, requestType: 'roundhouse.mesh.v1.CleanupFailedRequest', resultType: 'roundhouse.mesh.v1.CleanupFailedResult' },
  'mesh.cleanup_orphans': { request: CleanupOrphansRequest, result: CleanupOrphansResult, requestType: 'roundhouse.mesh.v1.CleanupOrphansRequest', resultType: 'roundhouse.mesh.v1.CleanupOrphansResult' },
  'mesh.engine_callback': { request: EngineCallbackRequest, result: EngineCallbackResult, requestType: 'roundhouse.mesh.v1.EngineCallbackRequest', resultType: 'roundhouse.mesh.v1.EngineCallbackResult' },
  'mesh.generate': { request: GenerateMeshRequest, result: GenerateMeshResult, requestType: 'roundhouse.mesh.v1.GenerateMeshRequest', resultType: 'roundhouse.mesh.v1.GenerateMeshResult' },
  'mesh.generate_batch': { request: GenerateBatchRequest, result: GenerateBatchResult, requestType: 'roundhouse.mesh.v1.GenerateBatchRequest', resultType: 'roundhouse.mesh.v1.GenerateBatchResult' },
  'mesh.record_failure': { request: RecordFailureRequest, result: RecordFailureResult, requestType: 'roundhouse.mesh.v1.RecordFailureRequest', resultType: 'roundhouse.mesh.v1.RecordFailureResult' },
  'mesh.render_thumbnail': { request: RenderThumbnailRequest, result: RenderThumbnailResult, requestType: 'roundhouse.mesh.v1.RenderThumbnailRequest', resultType: 'roundhouse.mesh.v1.RenderThumbnailResult' },
  'mesh.retry': { request: RetryMeshRequest, result: RetryMeshResult, requestType: 'roundhouse.mesh.v1.RetryMeshRequest', resultType: 'roundhouse.mesh.v1.RetryMeshResult' },
  'platform.deliver_webhook': { request: DeliverWebhookRequest, result: DeliverWebhookResult, requestType: 'roundhouse.platform.v1.DeliverWebhookRequest', resultType: 'roundhouse.platform.v1.DeliverWebhookResult' },
  'platform.noop': { request: NoopRequest, result: NoopResult, requestType: 'roundhouse.platform.v1.NoopRequest', resultType: 'roundhouse.platform.v1.NoopResult' },
  'platform.probe': { request: ProbeRequest, result: ProbeResult, requestType: 'roundhouse.platform.v1.ProbeRequest', resultType: 'roundhouse.platform.v1.ProbeResult' },
  'platform.probe_critical': { request: ProbeCriticalRequest, result: ProbeResult, requestType: 'roundhouse.platform.v1.ProbeCriticalRequest', resultType: 'roundhouse.platform.v1.ProbeResult' },
  'platform.probe_exclusive': { request: ExclusiveProbeRequest, result: LimitedProbeResult, requestType: 'roundhouse.platform.v1.ExclusiveProbeRequest', resultType: 'roundhouse.platform.v1.LimitedProbeResult' },
  'platform.probe_file': { request: ProbeFileRequest, result: ProbeFileResult, requestType: 'roundhouse.platform.v1.ProbeFileRequest', resultType: 'roundhouse.platform.v1.ProbeFileResult' },
  'platform.probe_limited': { request: LimitedProbeRequest, result: LimitedProbeResult, requestType: 'roundhouse.platform.v1.LimitedProbeRequest', resultType: 'roundhouse.platform.v1.LimitedProbeResult' },
  'platform.probe_low': { request: ProbeLowRequest, result: ProbeResult, requestType: 'roundhouse.platform.v1.ProbeLowRequest', resultType: 'roundhouse.platform.v1.ProbeResult' },
  'platform.probe_rated': { request: RatedProbeRequest, result: RatedProbeResult, requestType: 'roundhouse.platform.v1.RatedProbeRequest', resultType: 'roundhouse.platform.v1.RatedProbeResult' },
  'platform.probe_steps': { request: ProbeStepsRequest, result: ProbeResult, requestType: 'roundhouse.platform.v1.ProbeStepsRequest', resultType: 'roundhouse.platform.v1.ProbeResult' },
  'platform.probe_unique': { request: ProbeUniqueRequest, result: ProbeResult, requestType: 'roundhouse.platform.v1.ProbeUniqueRequest', resultType: 'roundhouse.platform.v1.ProbeResult' },
  'platform.probe_yielding': { request: YieldingProbeRequest, result: LimitedProbeResult, requestType: 'roundhouse.platform.v1.YieldingProbeRequest', resultType: 'roundhouse.platform.v1.LimitedProbeResult' },
  'spreadsheets.export': { request: ExportSpreadsheetRequest, result: ExportSpreadsheetResult, requestType: 'roundhouse.spreadsheets.v1.ExportSpreadsheetRequest', resultType: 'roundhouse.spreadsheets.v1.ExportSpreadsheetResult' },
  'spreadsheets.import': { request: ImportSpreadsheetRequest, result: ImportSpreadsheetResult, requestType: 'roundhouse.spreadsheets.v1.ImportSpreadsheetRequest', resultType: 'roundhouse.spreadsheets.v1.ImportSpreadsheetResult' },
  'trading.generate_digest': { request: GenerateDigestRequest, result: GenerateDigestResult, requestType: 'roundhouse.trading.v1.GenerateDigestRequest', resultType: 'roundhouse.trading.v1.GenerateDigestResult' },
  'trading.import_trades': { request: ImportTradesRequest, result: ImportTradesResult, requestType: 'roundhouse.trading.v1.ImportTradesRequest', resultType: 'roundhouse.trading.v1.ImportTradesResult' },
  'trading.score_bias': { request: ScoreBiasRequest, result: ScoreBiasResult, requestType: 'roundhouse.trading.v1.ScoreBiasRequest', resultType: 'roundhouse.trading.v1.ScoreBiasResult' },
  'trading.simulate_simple': { request: SimulateSimpleRequest, result: SimulateSimpleResult, requestType: 'roundhouse.trading.v1.SimulateSimpleRequest', resultType: 'roundhouse.trading.v1.SimulateSimpleResult' },
} as const;

export const domainEvents = {
  'coach.reflect': { body: CoachReflect, bodyType: 'roundhouse.trading.v1.CoachReflect' },
  'digest.ready': { body: DigestReady, bodyType: 'roundhouse.trading.v1.DigestReady' },
  'import.progress': { body: ImportProgress, bodyType: 'roundhouse.trading.v1.ImportProgress' },
  'mesh.batch_finished': { body: MeshBatchFinished, bodyType: 'roundhouse.mesh.v1.MeshBatchFinished' },
  'mesh.batch_progress': { body: MeshBatchProgress, bodyType: 'roundhouse.mesh.v1.MeshBatchProgress' },
  'mesh.failed': { body: MeshFailed, bodyType: 'roundhouse.mesh.v1.MeshFailed' },
  'mesh.generated': { body: MeshGenerated, bodyType: 'roundhouse.mesh.v1.MeshGenerated' },
  'probe.done': { body: ProbeDone, bodyType: 'roundhouse.platform.v1.ProbeDone' },
  'spreadsheets.exported': { body: SpreadsheetExported, bodyType: 'roundhouse.spreadsheets.v1.SpreadsheetExported' },
  'spreadsheets.imported': { body: SpreadsheetImported, bodyType: 'roundhouse.spreadsheets.v1.SpreadsheetImported' },
  'webhook.gone': { body: WebhookGone, bodyType: 'roundhouse.platform.v1.WebhookGone' },
} as const;
