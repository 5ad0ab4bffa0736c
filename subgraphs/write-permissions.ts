// `npm run permissions`: writes docs/permissions.md from the rules that the services apply.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../platform/project-folder.ts';
import { permissionsPage } from './permissions-page.ts';

writeFileSync(join(projectFolder(), 'docs', 'permissions.md'), permissionsPage());
