/**
 * Who may ask for what: API keys, sessions of the console, signed links, streams that end with what opened them. They are asked before a body is read. A route's scope
 * is taken from its declaration; one that declares none is for administrators.
 */
export { accessControllers, accessProviders } from './access-parts.js';
export { actorOf, isOperator, ownerOf } from './actor.js';
export { Admission, admitBeforeBodies } from './admission.js';
export { Identity, OpenBySignedLink } from './auth.guard.js';
export { accessKeyFields, type AccessKeys } from './key-config.js';
export { sealAgain } from './sealing-again.js';
export { SignedLinks } from './signed-link.js';
export { StreamAccess } from './stream-access.js';
