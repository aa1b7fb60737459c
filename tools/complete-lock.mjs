// Adds to package-lock.json the optional packages of other platforms that npm left out.
//
// npm writes an optional package into the lock file only when the registry it asked has it, and a registry mirror may lack those of other
// platforms than its own; `npm ci` then refuses the lock file everywhere ("Missing: @swc/core-darwin-arm64@… from lock file"). The
// parents name them with exact versions and their names say the platform, which is all that an entry needs: where the platform does not
// match npm does not fetch it, and where it does npm takes it from the registry. Run it after changing dependencies.
import { readFileSync, writeFileSync } from 'node:fs';

const platforms = new Set([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]);
const architectures = {
  aarch64: 'arm64',
  armv7: 'arm',
  'arm-eabi': 'arm',
  'arm-gnueabihf': 'arm',
  'arm-musleabihf': 'arm',
};

/** `@swc/core-linux-arm-gnueabihf` → { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }; undefined when the name says no platform. */
export function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const at = words.findIndex((word) => platforms.has(word));
  if (at < 0 || words.length < at + 2) return undefined;
  const [arch, abi] = words.slice(at + 1);
  const cpu = architectures[`${arch}-${abi}`] ?? architectures[arch] ?? arch;
  const libc = words[at] !== 'linux' || !abi ? undefined : abi.startsWith('musl') ? 'musl' : 'glibc';
  return { os: [words[at]], cpu: [cpu], ...(libc ? { libc: [libc] } : {}) };
}

/** Where Node would look for `name` from the package at `path`, nearest first. */
function resolutions(path, name) {
  const folders = path === '' ? [] : [path];
  for (let at = path.lastIndexOf('/node_modules/'); at > 0; at = path.lastIndexOf('/node_modules/', at - 1))
    folders.push(path.slice(0, at));
  return [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`];
}

/** @returns {[string, object][]} path and entry of every optional package that is named but not locked */
export function missingEntries({ packages }) {
  const missing = [];
  for (const [path, { optionalDependencies = {}, dev, license }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const platform = platformOf(name);
      const locked = resolutions(path, name).some((place) => packages[place]);
      if (locked || !platform || !/^\d+\.\d+\.\d+/.test(version)) continue;
      const entry = {
        version,
        cpu: platform.cpu,
        ...(dev ? { dev } : {}),
        ...(platform.libc ? { libc: platform.libc } : {}),
      };
      missing.push([
        `node_modules/${name}`,
        { ...entry, ...(license ? { license } : {}), optional: true, os: platform.os },
      ]);
    }
  }
  return missing;
}

export function completeLock(lock) {
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(missingEntries(lock)) });
  packages.sort(([a], [b]) => (a === '' ? -1 : b === '' ? 1 : a.localeCompare(b, 'en')));
  return { ...lock, packages: Object.fromEntries(packages) };
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2] ?? 'package-lock.json';
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock);
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(completeLock(lock), null, 2)}\n`);
  console.log(missing.length > 0 ? `${file}: added ${missing.map(([path]) => path).join(', ')}` : `${file}: complete`);
}
