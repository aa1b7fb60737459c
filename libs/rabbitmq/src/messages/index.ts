/** The form of deliveries and bundles: what both sides must agree on, and what is believed of a message that came in. */
export {
  alone,
  bundleProperties,
  contentType,
  decodeBundle,
  decodeDeliveries,
  deliveryProperties,
  type DispatchedJob,
  encodeBundle,
  encodeDelivery,
  isBundle,
  UndecodableDelivery,
} from './delivery-codec.js';
