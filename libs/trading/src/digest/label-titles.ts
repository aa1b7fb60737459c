import type { BiasLabel } from '../biases/bias-tag.js';

/** What a label is called in front of people: the behaviour, not a diagnosis. */
export const labelTitles: Record<BiasLabel, string> = {
  disposition: 'Winners sold sooner',
  holding_losers: 'Losers held longer',
  early_exit: 'Early exit (hindsight)',
  averaging_down: 'Averaging down',
  overtrading: 'Very busy days',
  revenge: 'Quick re-entry after a loss',
  chasing: 'Chasing a move',
  overconfidence: 'Larger after wins',
  anchoring: 'Anchored exit prices',
  lottery: 'Lottery-like choice',
  attention: 'High-attention entry',
};
