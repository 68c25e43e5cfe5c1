/**
 * Logs trainings of ml-logistic-regression.
 *
 * | when              | logged                                                                                    |
 * | ----------------- | ----------------------------------------------------------------------------------------- |
 * | `train(features, labels)` | run with params `numSteps`, `learningRate`, `classes`; metric `training_accuracy`, 0 to 1 |
 *
 * Source: ml-logistic-regression `src/logreg.js`, read at 2.0.0.
 */
import { autologgingIntegration } from 'autolog/integration';

/** Turns the logging of ml-logistic-regression on or off. */
export const autolog = autologgingIntegration('logistic-regression', {
  packages: { 'ml-logistic-regression': '>=2 <3' },
  patches: [
    {
      // The package exports the class itself.
      target: 'prototype.train',
      training: {
        subject: ({ self }) => self,
        begin: ({ self }) => ({ params: { numSteps: self.numSteps, learningRate: self.learningRate } }),
        end: (_, { self, args: [features, labels] }) => ({
          params: { classes: self.numberClasses },
          metrics: { training_accuracy: share(self.predict(features), labels.to1DArray()) },
        }),
      },
    },
  ],
});

/** Share of equal values at equal places, 0 to 1. */
function share(found, wanted) {
  return found.filter((value, i) => value === wanted[i]).length / wanted.length;
}
