// What the consent pages say, in each language that they speak.

export const languages = ['en', 'nl', 'fr', 'de'] as const;
export type Language = (typeof languages)[number];

export interface Texts {
  readonly signIn: string;
  readonly signInFor: (application: string) => string;
  readonly email: string;
  readonly password: string;
  readonly cancel: string;
  readonly secondFactor: string;
  readonly secondFactorHint: string;
  readonly code: string;
  readonly method: string;
  readonly totp: string;
  readonly recoveryCode: string;
  readonly passkeyOnly: string;
  readonly goOn: string;
  readonly consent: (application: string) => string;
  readonly consentMeans: string;
  readonly signedInAs: (email: string) => string;
  readonly sentTo: (place: string) => string;
  readonly allow: string;
  readonly deny: string;
  readonly missing: string;
  readonly wrongPassword: string;
  readonly waitSeconds: (seconds: number) => string;
  readonly waitMinute: string;
  readonly locked: string;
  readonly otherProvider: string;
  readonly wrongCode: string;
  readonly tooLong: string;
  readonly fault: string;
  readonly unknownApplication: string;
  readonly badAddress: string;
  readonly startAgain: string;
  readonly failed: string;
}

export const texts: Readonly<Record<Language, Texts>> = {
  en: {
    signIn: 'Sign in',
    signInFor: (application) => `to continue to ${application}`,
    email: 'E-mail address',
    password: 'Password',
    cancel: 'Cancel',
    secondFactor: 'Second factor',
    secondFactorHint: 'Your account asks for a code besides your password.',
    code: 'Code',
    method: 'Where the code comes from',
    totp: 'Authenticator app',
    recoveryCode: 'Recovery code',
    passkeyOnly:
      'Your account asks for a passkey, which this page cannot use. Add an authenticator app to your account.',
    goOn: 'Continue',
    consent: (application) => `${application} would like to act in your name`,
    consentMeans: 'It will be able to see and do what you can, until you revoke it.',
    signedInAs: (email) => `You are signed in as ${email}.`,
    sentTo: (place) => `Afterwards you are sent to ${place}.`,
    allow: 'Allow',
    deny: 'Deny',
    missing: 'Fill in all fields.',
    wrongPassword: 'The e-mail address or the password is wrong.',
    waitSeconds: (seconds) => `An attempt has just failed. Try again in ${seconds} s.`,
    waitMinute: 'Too many attempts failed in a row. Try again in a minute.',
    locked: 'Too many attempts failed. Reset your password to sign in again.',
    otherProvider: 'This account has no password: it signs in through another provider.',
    wrongCode: 'The code is wrong.',
    tooLong: 'That took too long. Sign in again.',
    fault: 'This does not work',
    unknownApplication: 'The application that sent you here is not known. It may need an update.',
    badAddress: 'The application wants you sent back to an address that is not registered as its own.',
    startAgain:
      'This took too long, or your browser does not keep cookies. Go back to the application and start again.',
    failed: 'Something went wrong. Go back to the application and try again.',
  },
  nl: {
    signIn: 'Aanmelden',
    signInFor: (application) => `om verder te gaan naar ${application}`,
    email: 'E-mailadres',
    password: 'Wachtwoord',
    cancel: 'Annuleren',
    secondFactor: 'Tweede factor',
    secondFactorHint: 'Uw account vraagt naast uw wachtwoord ook een code.',
    code: 'Code',
    method: 'Waar de code vandaan komt',
    totp: 'Authenticator-app',
    recoveryCode: 'Herstelcode',
    passkeyOnly:
      'Uw account vraagt een passkey, die deze pagina niet kan gebruiken. Voeg een authenticator-app toe aan uw account.',
    goOn: 'Verder',
    consent: (application) => `${application} wil in uw naam handelen`,
    consentMeans: 'De toepassing kan zien en doen wat u kunt, tot u de toegang intrekt.',
    signedInAs: (email) => `U bent aangemeld als ${email}.`,
    sentTo: (place) => `Daarna gaat u naar ${place}.`,
    allow: 'Toestaan',
    deny: 'Weigeren',
    missing: 'Vul alle velden in.',
    wrongPassword: 'Het e-mailadres of het wachtwoord is onjuist.',
    waitSeconds: (seconds) => `Een poging is net mislukt. Probeer het over ${seconds} s opnieuw.`,
    waitMinute: 'Te veel pogingen na elkaar zijn mislukt. Probeer het over een minuut opnieuw.',
    locked: 'Te veel pogingen zijn mislukt. Stel een nieuw wachtwoord in om u weer aan te melden.',
    otherProvider: 'Dit account heeft geen wachtwoord: het meldt zich aan via een andere aanbieder.',
    wrongCode: 'De code is onjuist.',
    tooLong: 'Dat duurde te lang. Meld u opnieuw aan.',
    fault: 'Dit werkt niet',
    unknownApplication: 'De toepassing die u hierheen stuurde, is niet bekend. Misschien is een update nodig.',
    badAddress: 'De toepassing wil u terugsturen naar een adres dat niet van haar is.',
    startAgain: 'Dit duurde te lang, of uw browser bewaart geen cookies. Ga terug naar de toepassing en begin opnieuw.',
    failed: 'Er ging iets mis. Ga terug naar de toepassing en probeer het opnieuw.',
  },
  fr: {
    signIn: 'Se connecter',
    signInFor: (application) => `pour continuer vers ${application}`,
    email: 'Adresse e-mail',
    password: 'Mot de passe',
    cancel: 'Annuler',
    secondFactor: 'Second facteur',
    secondFactorHint: 'Votre compte demande un code en plus du mot de passe.',
    code: 'Code',
    method: 'D’où vient le code',
    totp: 'Application d’authentification',
    recoveryCode: 'Code de secours',
    passkeyOnly:
      'Votre compte demande une clé d’accès, que cette page ne peut pas utiliser. Ajoutez une application d’authentification à votre compte.',
    goOn: 'Continuer',
    consent: (application) => `${application} souhaite agir en votre nom`,
    consentMeans: 'Elle pourra voir et faire ce que vous pouvez, jusqu’à ce que vous lui retiriez l’accès.',
    signedInAs: (email) => `Vous êtes connecté en tant que ${email}.`,
    sentTo: (place) => `Vous serez ensuite dirigé vers ${place}.`,
    allow: 'Autoriser',
    deny: 'Refuser',
    missing: 'Remplissez tous les champs.',
    wrongPassword: 'L’adresse e-mail ou le mot de passe est incorrect.',
    waitSeconds: (seconds) => `Une tentative vient d’échouer. Réessayez dans ${seconds} s.`,
    waitMinute: 'Trop de tentatives ont échoué de suite. Réessayez dans une minute.',
    locked: 'Trop de tentatives ont échoué. Réinitialisez votre mot de passe pour vous reconnecter.',
    otherProvider: 'Ce compte n’a pas de mot de passe : il se connecte par un autre fournisseur.',
    wrongCode: 'Le code est incorrect.',
    tooLong: 'Cela a pris trop de temps. Connectez-vous à nouveau.',
    fault: 'Cela ne fonctionne pas',
    unknownApplication: 'L’application qui vous a envoyé ici est inconnue. Une mise à jour est peut-être nécessaire.',
    badAddress: 'L’application veut vous renvoyer à une adresse qui n’est pas enregistrée comme la sienne.',
    startAgain:
      'Cela a pris trop de temps, ou votre navigateur refuse les cookies. Retournez à l’application et recommencez.',
    failed: 'Une erreur est survenue. Retournez à l’application et réessayez.',
  },
  de: {
    signIn: 'Anmelden',
    signInFor: (application) => `um mit ${application} fortzufahren`,
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    cancel: 'Abbrechen',
    secondFactor: 'Zweiter Faktor',
    secondFactorHint: 'Ihr Konto verlangt neben dem Passwort einen Code.',
    code: 'Code',
    method: 'Woher der Code kommt',
    totp: 'Authenticator-App',
    recoveryCode: 'Wiederherstellungscode',
    passkeyOnly:
      'Ihr Konto verlangt einen Passkey, den diese Seite nicht verwenden kann. Fügen Sie Ihrem Konto eine Authenticator-App hinzu.',
    goOn: 'Weiter',
    consent: (application) => `${application} möchte in Ihrem Namen handeln`,
    consentMeans: 'Die Anwendung kann sehen und tun, was Sie können, bis Sie den Zugriff widerrufen.',
    signedInAs: (email) => `Sie sind als ${email} angemeldet.`,
    sentTo: (place) => `Danach gelangen Sie zu ${place}.`,
    allow: 'Erlauben',
    deny: 'Ablehnen',
    missing: 'Füllen Sie alle Felder aus.',
    wrongPassword: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
    waitSeconds: (seconds) => `Ein Versuch ist gerade fehlgeschlagen. Versuchen Sie es in ${seconds} s erneut.`,
    waitMinute: 'Zu viele Versuche sind hintereinander fehlgeschlagen. Versuchen Sie es in einer Minute erneut.',
    locked: 'Zu viele Versuche sind fehlgeschlagen. Setzen Sie Ihr Passwort zurück, um sich wieder anzumelden.',
    otherProvider: 'Dieses Konto hat kein Passwort: Es meldet sich über einen anderen Anbieter an.',
    wrongCode: 'Der Code ist falsch.',
    tooLong: 'Das hat zu lange gedauert. Melden Sie sich erneut an.',
    fault: 'Das geht nicht',
    unknownApplication: 'Die Anwendung, von der Sie kommen, ist nicht bekannt. Vielleicht braucht sie ein Update.',
    badAddress: 'Die Anwendung will Sie an eine Adresse zurückschicken, die nicht als ihre eigene eingetragen ist.',
    startAgain:
      'Das hat zu lange gedauert, oder Ihr Browser speichert keine Cookies. Gehen Sie zurück zur Anwendung und beginnen Sie erneut.',
    failed: 'Etwas ist schiefgegangen. Gehen Sie zurück zur Anwendung und versuchen Sie es erneut.',
  },
};

/** The language that a browser likes best (RFC 9110 §12.5.4) of those that there are; English otherwise. */
export function languageFor(acceptLanguage: string | undefined): Language {
  const wishes = (acceptLanguage ?? '').slice(0, 500).split(',').map(wish);
  wishes.sort((one, other) => other.weight - one.weight);
  return wishes.find(({ language, weight }) => language !== undefined && weight > 0)?.language ?? 'en';
}

function wish(part: string): { readonly language: Language | undefined; readonly weight: number } {
  const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
  const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((q) => q !== undefined);
  const language = languages.find((one) => one === tag.split('-', 1)[0]);
  return { language, weight: quality === undefined ? 1 : Number.parseFloat(quality) || 0 };
}
