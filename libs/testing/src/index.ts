export {
  startLocalProvider,
  type LocalProvider,
  type ProviderAnswer,
  type ProviderHandler,
  type ProviderRequest,
} from './local-provider.js';
