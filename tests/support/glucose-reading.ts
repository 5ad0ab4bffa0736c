// The worked example of the specification, as the definition of a schema: readings of glucose, which a nurse records for
// a patient, and which a clinician reviews.
const input = (required: string[], properties: object) => ({
  type: 'input',
  configuration: { type: 'object', required, properties },
});
const task = (functionName: string, more: object = {}) => ({ type: 'task', functionName, ...more });

/** Ids are UUIDs here, so the pattern of the patient's id is another than the specification's. */
export const glucoseReading = {
  createMode: 'allUsers',
  readMode: ['linkedUsers', 'linkedGroupStaff'],
  updateMode: ['creator', 'linkedGroupStaff'],
  deleteMode: 'permissionRequired',
  groupSyncMode: 'linkedUsersPatientEnlistments',
  defaultLimit: 20,
  maximumLimit: 100,
  statuses: { received: {}, flagged: { severity: 'high' }, stored: {}, reviewed: {} },
  creationTransition: {
    type: 'manual',
    toStatus: 'received',
    conditions: [
      input(['mmol', 'takenAt', 'patientId'], {
        mmol: { type: 'number', minimum: 0.5 },
        takenAt: { type: 'string', format: 'date-time' },
        patientId: { type: 'string' },
      }),
      { type: 'initiatorHasRelationToUserInData', userIdField: 'patientId', relation: 'isStaffOfTargetPatient' },
    ],
    actions: [
      { type: 'linkCreator' },
      { type: 'linkUserFromData', userIdField: 'patientId' },
      { type: 'set', field: 'seen', value: false },
    ],
  },
  transitions: [
    {
      name: 'flag-high',
      type: 'automatic',
      fromStatuses: ['received'],
      toStatus: 'flagged',
      conditions: [
        {
          type: 'document',
          configuration: {
            type: 'object',
            required: ['data'],
            properties: {
              data: { type: 'object', required: ['mmol'], properties: { mmol: { type: 'number', minimum: 15 } } },
            },
          },
        },
      ],
      actions: [
        { type: 'addItems', field: 'labels', values: ['urgent'] },
        task('alert-clinic', { priority: 5, data: { channel: 'push' } }),
      ],
    },
    { name: 'store', type: 'automatic', fromStatuses: ['received'], toStatus: 'stored' },
    {
      name: 'review',
      type: 'manual',
      fromStatuses: ['flagged', 'stored'],
      toStatus: 'reviewed',
      conditions: [
        input(['clinicId'], { clinicId: { type: 'string' } }),
        {
          type: 'initiatorHasRelationToGroupInData',
          groupIdField: 'clinicId',
          relation: 'staff',
          requiredPermission: 'REVIEW_READINGS',
        },
      ],
      actions: [
        { type: 'linkGroupFromData', groupIdField: 'clinicId' },
        { type: 'removeItems', field: 'labels', values: ['urgent'] },
        { type: 'unset', fields: ['draftNote'] },
      ],
      afterActions: [task('build-report')],
    },
  ],
  properties: {
    mmol: { type: 'number', minimum: 0, maximum: 60 },
    takenAt: { type: 'string', format: 'date-time' },
    patientId: { type: 'string', pattern: '^[0-9a-f-]{36}$' },
    clinicId: { type: 'string' },
    seen: { type: 'boolean' },
    draftNote: { type: 'string', maxLength: 500 },
    labels: { type: 'array', items: { type: 'string' }, maxItems: 10 },
    raw: { type: 'array', items: { type: 'number' }, queryable: false },
    meals: {
      type: 'array',
      items: { type: 'object', required: ['kcal'], properties: { kcal: { type: 'number' } } },
    },
    device: {
      type: 'object',
      properties: { model: { type: 'string' } },
      additionalProperties: { type: 'string' },
    },
  },
  indexes: [
    {
      fields: [
        { name: 'data.patientId', type: 'asc' },
        { name: 'data.takenAt', type: 'desc' },
      ],
      options: { sparse: true },
    },
  ],
};
