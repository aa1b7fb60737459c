import { Page } from '../../components/page.js';

export default function JobsPage() {
  return <Page title="Jobs">…</Page>;
}
