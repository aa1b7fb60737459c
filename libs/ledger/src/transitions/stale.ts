/**
 * A delivery that has been under way for longer may have been overtaken by somebody else's turn. Twice what the dispatch window aims at: deliveries
 * of a queue that is worked off as was expected are never looked at.
 */
export const staleMs = 1_000;
