const MINIMUM = [22, 15] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// First import of every entry point: an older Node gets this sentence instead of a syntax error or a missing module.
if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
  throw new Error(
    `autolog needs Node.js ${MINIMUM.join('.')} or newer, and this is ${process.versions.node}: install a newer Node.js, or the npm package "node" beside it.`,
  );
}
