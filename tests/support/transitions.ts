// Transitions of a schema's definition, from the status `new` to `done` unless told.

export const manual = (name: string, more: object = {}) => ({
  name,
  type: 'manual',
  fromStatuses: ['new'],
  toStatus: 'done',
  ...more,
});

export const automatic = (name: string, more: object = {}) => ({ ...manual(name), type: 'automatic', ...more });
