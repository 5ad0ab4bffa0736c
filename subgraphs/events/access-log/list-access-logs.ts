// The access log as a list, newest first. Who may ask may see all of it.
import type { Where } from '../../../platform/access/condition-where.ts';
import type {
  Combined,
  DateTimeFilter,
  IdFilter,
  Maybe,
  StringFilter,
  StringListFilter,
} from '../../../platform/filters/prisma-filters.ts';
import {
  booleanWhere,
  dateTimeWhere,
  idWhere,
  optionalWhere,
  stringListWhere,
  stringWhere,
} from '../../../platform/filters/prisma-filters.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { PageArguments } from '../../../platform/paging/page.ts';
import type { AccessLogConnectionModel } from '../models.ts';
import { accessLogRows, type Db } from './store.ts';

export interface AccessLogFilter extends Combined<AccessLogFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly timestamp?: Maybe<DateTimeFilter>;
  readonly userId?: Maybe<IdFilter>;
  readonly applicationId?: Maybe<IdFilter>;
  readonly userAddress?: Maybe<StringFilter>;
  readonly request?: Maybe<StringFilter>;
  readonly operationName?: Maybe<StringFilter>;
  readonly rootFields?: Maybe<StringListFilter>;
  readonly errorCodes?: Maybe<StringListFilter>;
  readonly requestId?: Maybe<StringFilter>;
}

export interface AccessLogListing extends PageArguments {
  readonly filter?: Maybe<AccessLogFilter>;
}

export async function listAccessLogs(db: Db, args: AccessLogListing): Promise<AccessLogConnectionModel> {
  const where = booleanWhere(args.filter, 'filter', (parts: AccessLogFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...dateTimeWhere('timestamp', parts.timestamp),
    ...optionalId('userId', parts.userId, path),
    ...optionalId('applicationId', parts.applicationId, path),
    ...stringWhere('userAddress', parts.userAddress, `${path}.userAddress`),
    ...stringWhere('request', parts.request, `${path}.request`),
    ...optionalWhere(parts.operationName, { operationName: null }, (given) =>
      stringWhere('operationName', given, `${path}.operationName`),
    ),
    ...stringListWhere('rootFields', parts.rootFields, `${path}.rootFields`),
    ...stringListWhere('errorCodes', parts.errorCodes, `${path}.errorCodes`),
    ...stringWhere('requestId', parts.requestId, `${path}.requestId`),
  ]);
  return listRows(db, accessLogRows, { args, where });
}

function optionalId(field: 'userId' | 'applicationId', filter: Maybe<IdFilter>, path: string): Where[] {
  return optionalWhere(filter, { [field]: null }, (given) => idWhere(field, given, `${path}.${field}`));
}
