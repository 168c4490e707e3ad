/** The Dockerfile as stages of steps. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { root } from '../prepare.mjs';

export const DOCKERFILE = join(root, 'Dockerfile');

/** Returns the stages: `{name, image, steps}`, where `name` is null for one without. */
export function readStages() {
  const stages = [];
  for (const instruction of DockerfileParser.parse(readFileSync(DOCKERFILE, 'utf8')).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      stages.push({ name: instruction.getBuildStage(), image: instruction.getImage(), steps: [] });
    } else {
      stages.at(-1).steps.push(stepOf(instruction));
    }
  }
  return stages;
}

/** Returns the version of Node.js that the image has. */
export function imageNodeVersion() {
  const { image } = readStages().at(-1);
  const [, version] = /^node:(\d+\.\d+\.\d+)-/.exec(image) ?? [];
  if (version === undefined) throw new Error(`The image is built on ${image}, which names no version of Node.js.`);
  return version;
}

/**
 * Returns a step: its keyword, its flags by name, the words after them, these words as one text, and, of an instruction like
 * `ENV`, its variables by name.
 */
function stepOf(instruction) {
  const flags = instruction.getFlags?.() ?? [];
  const properties = instruction.getProperties?.() ?? [];
  return {
    keyword: instruction.getKeyword(),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue()])),
    words: instruction.getArguments().map((argument) => argument.getValue()),
    text: instruction.getArgumentsContent(),
    variables: Object.fromEntries(properties.map((property) => [property.getName(), property.getValue()])),
  };
}
