import Module from 'node:module';

const original = Module.prototype._compile;
Module.prototype._compile = function compile(source, file) {
  return original.call(this, source, file);
};
