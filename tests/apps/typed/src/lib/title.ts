export interface Created { issue: { key: string } }

export const titleOf = ({ issue }: Created): string => `Request ${issue.key}`;
