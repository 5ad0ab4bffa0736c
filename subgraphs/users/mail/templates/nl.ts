// The mails of this service in Dutch.
import type { MailTexts } from './mail-texts.ts';

export const nl: MailTexts = {
  greeting: 'Beste {{firstName}} {{lastName}},',
  linkValid: 'De link is {{duration}} geldig. Daarna kunt u in de applicatie een nieuwe e-mail aanvragen.',
  codeValid: 'De code is {{duration}} geldig. Daarna kunt u in de applicatie een nieuwe e-mail aanvragen.',
  automatic: 'Deze e-mail is automatisch verzonden en kan niet worden beantwoord.',
  minute: 'minuut',
  minutes: 'minuten',
  purposes: {
    ACTIVATION: {
      subject: 'Bevestig uw e-mailadres',
      reason: 'Er is een account voor u aangemaakt met dit e-mailadres.',
      link: 'Bevestig dat dit adres van u is door deze link te openen:',
      code: 'Bevestig dat dit adres van u is door deze code in te voeren in de applicatie:',
      unasked:
        'Hebt u geen account aangevraagd? Dan kunt u deze e-mail negeren: zonder uw bevestiging blijft het adres onbevestigd.',
    },
    REACTIVATION: {
      subject: 'Bevestig uw nieuwe e-mailadres',
      reason: 'Het e-mailadres van uw account is gewijzigd in dit adres.',
      link: 'Bevestig dat dit adres van u is door deze link te openen:',
      code: 'Bevestig dat dit adres van u is door deze code in te voeren in de applicatie:',
      unasked:
        'Hebt u niet om deze wijziging gevraagd? Dan kunt u deze e-mail negeren: zonder uw bevestiging blijft het adres onbevestigd.',
    },
    PASSWORD_RESET: {
      subject: 'Een nieuw wachtwoord instellen',
      reason: 'Wij hebben een verzoek ontvangen om een nieuw wachtwoord in te stellen voor uw account.',
      link: 'U kunt een nieuw wachtwoord kiezen door deze link te openen:',
      code: 'Voer deze code in de applicatie in om een nieuw wachtwoord te kiezen:',
      unasked:
        'Hebt u hier niet om gevraagd? Dan kunt u deze e-mail negeren: uw wachtwoord blijft ongewijzigd. Stuur deze e-mail aan niemand door.',
    },
    OIDC_UNLINK: {
      subject: 'De manier waarop u zich aanmeldt, is gewijzigd',
      reason:
        'Uw account is niet langer gekoppeld aan de externe aanmelddienst die u tot nu toe gebruikte. Om u opnieuw aan te melden, hebt u een wachtwoord nodig.',
      link: 'Kies een wachtwoord door deze link te openen:',
      code: 'Voer deze code in de applicatie in om een wachtwoord te kiezen:',
      unasked:
        'Hebt u niet om deze wijziging gevraagd en hebt u er vragen over? Neem dan contact op met de helpdesk van de applicatie. Stuur deze e-mail aan niemand anders door.',
    },
  },
};
