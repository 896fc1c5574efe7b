import { renderOverview } from './pages-that-nobody-wrote';

export const run = renderOverview;
