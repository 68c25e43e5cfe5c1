import { testIntegration } from 'autolog/testing';
import LogisticRegression from 'ml-logistic-regression';
import { Matrix } from 'ml-matrix';
import { autolog } from './logistic-regression.js';

const features = new Matrix([
  [0, 1],
  [1, 0],
  [4, 5],
  [5, 4],
]);
const labels = Matrix.columnVector([0, 0, 1, 1]);

testIntegration({
  integration: autolog,
  // Needed only under jest, whose sandbox keeps libraries from being found.
  module: LogisticRegression,
  use() {
    const classifier = new LogisticRegression({ numSteps: 200, learningRate: 0.01 });
    classifier.train(features, labels);
    return classifier.predict(features);
  },
  fail(error) {
    const broken = {
      to1DArray() {
        throw error;
      },
    };
    try {
      new LogisticRegression().train(features, broken);
    } catch (caught) {
      return caught;
    }
  },
  expected: {
    traces: [],
    runs: [
      {
        status: 'FINISHED',
        autologging: 'logistic-regression',
        params: ['classes', 'learningRate', 'numSteps'],
        metrics: ['training_accuracy'],
        datasets: [],
        models: 0,
      },
    ],
  },
});
