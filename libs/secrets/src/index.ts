export { SecretCipher, SecretUnreadable } from './secret-cipher.js';
