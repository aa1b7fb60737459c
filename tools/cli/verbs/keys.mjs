import { existsSync } from 'node:fs';
import { containerStore } from '../containers.mjs';
import { Failure, UsageFailure } from '../failure.mjs';
import { purposes, retireKeys, rotateKey } from '../key-ring.mjs';
import { print } from '../output.mjs';
import { platformStore } from '../platform.mjs';

const changes = { rotate: rotateKey, retire: retireKeys };

/** `keys`: a new key for a purpose, or an end to those before it. Services that run have theirs until `up` starts them again. */
export async function keys({ action, words: [purpose], options }) {
  if (!Object.hasOwn(purposes, purpose))
    throw new UsageFailure(`There is no key for "${purpose}": there are ${Object.keys(purposes).join(', ')}.`);
  const store = options.docker ? containerStore() : platformStore();
  if (!existsSync(store.file)) throw new Failure('There is no installation in this folder: ./roundhouse up makes one.');
  changes[action](store, purpose);
  const again = `./roundhouse up${options.docker ? ' --docker' : ''}`;
  print(`Changed in ${store.file}; ${again} starts ${purposes[purpose].join(' and ')} with it.`);
}
