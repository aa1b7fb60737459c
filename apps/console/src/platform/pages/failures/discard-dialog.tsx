import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/index.js';
import { ActionDialog, useAnnounce } from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import { describeFilter, type DeadFilter } from '../redrives/index.js';

/** Puts deaths that nobody needs out of sight. */
export function DiscardDialog({ filter, count, onClose }: { filter: DeadFilter; count: number; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const discard = useMutation({
    mutationFn: () => api.post<{ discarded: number }>('/v1/dead/discard', { filter }),
    onSuccess: ({ discarded }) => {
      announce(`${formatCount(discarded)} jobs are discarded`);
      void queries.invalidateQueries({ queryKey: ['failures'] });
      onClose();
    },
  });
  return (
    <ActionDialog
      title="Discard dead jobs"
      action="Discard"
      variant="danger"
      disabled={discard.isPending}
      onAction={() => discard.mutate()}
      onClose={onClose}
      refusal="Leave them"
      error={discard.error}
    >
      <p>
        {formatCount(count)} jobs ({describeFilter(filter)}) stay dead, and lists and redrives pass them over. Each can
        still be opened by its id.
      </p>
    </ActionDialog>
  );
}
