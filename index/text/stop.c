/* SPDX-License-Identifier: MIT
 * Short lists: articles, pronouns, prepositions, conjunctions and forms of to be and to have, in
 * the folded form in which words arrive, accents kept. The English list is the 33 words with which
 * published figures of relevance are made; the others are this project's own. */
#include "text/stop.h"

#include <string.h>

static const struct {
    char language[12];
    const char *words;
} lists[] = {
    {"english",
     " a an and are as at be but by for if in into is it no not of on or such that the their then"
     " there these they this to was will with "},
    {"german",
     " aber als am an auch auf aus bei bin bis bist da dann das dass dem den der des die dies"
     " diese diesem diesen dieser dieses doch du durch ein eine einem einen einer eines er es für"
     " hat hatte hatten haben ich ihr ihre im in ist ja kann mit nach nicht noch nun nur ob oder"
     " ohne sehr sein seine sich sie sind so über um und uns unter vom von vor war waren was wenn"
     " wer werden wie wir wird wo zu zum zur "},
    {"french",
     " à au aux avec ce ces cet cette dans de des du elle elles en est et étaient était être eu"
     " il ils je la le les leur leurs lui mais me même mes moi mon ne nos notre nous on ont ou où"
     " par pas pour qu que qui sa se ses si son sont sur ta te tes toi ton tu un une vos votre"
     " vous y "},
    {"spanish",
     " a al ante como con de del desde donde el ella ellas ellos en entre era es esa ese eso"
     " esta está están estas este esto estos fue ha han hasta la las le les lo los me mi muy"
     " más nos o para pero por que qué se ser si sin sobre son su sus también te tu un una uno"
     " unos y ya yo "},
    {"italian",
     " a ad ai al alla alle allo anche che chi ci come con da dai dal dalla dalle degli dei del"
     " della delle dello di e è ed era gli ha hanno i il in io la le lei lo loro lui ma mi ne"
     " negli nei nel nella nelle no noi non o per più quella quello questa questo se si sono su"
     " sua sue sui sul sulla suo tra tu un una uno voi "},
    {"portuguese",
     " a ao aos as à às com como da das de dela dele do dos e é ela elas ele eles em entre"
     " era essa esse esta está este eu foi há isso isto já lhe mais mas me na nas no nos não"
     " o os ou para pela pelas pelo pelos por que quem se sem ser seu seus sua suas são só"
     " também te tu um uma você "},
    {"dutch",
     " aan al als bij dan dat de der deze die dit door een en er ge had heb hebben heeft het hij"
     " hoe hun ik in is je kan maar me met mijn na naar niet nog nu of om onder ons ook op over"
     " te tot uit van veel voor want was wat we wel werd wie wij wordt worden ze zich zij zijn zo"
     " zou "},
    {"swedish",
     " alla att av blev bli blir de dem den denna det detta dig din du där då efter ej eller en"
     " er ett från för ha hade han har hon honom hur i icke in inte jag kan man med men mig min"
     " mot mycket ni nu när och om oss på sedan sig sin ska skulle som så till under upp ut vad"
     " var vi vid vilka vilken åt än är över "},
    {"norwegian",
     " alle at av begge bli ble da de deg dem den denne der det dette di din du eller en er et"
     " etter for fra før ha hadde han har henne her hun hva hvem hvor i ikke inn jeg kan man"
     " med meg men mot nå når og også om opp oss over på seg sin skal skulle som så til ut var"
     " ved vi vil å "},
    {"danish",
     " af alle at blev blive bliver da de dem den denne der deres det dette dig din dog du efter"
     " eller en end er et for fra han hans har havde hende her hun hvad hvis hvor i ikke ind jeg"
     " jo kan man med meget men mig min mod ned noget nogle nu når og også om op os over på sig"
     " sin skal skulle som så til ud under var ved vi vil ville være "},
    {"finnish",
     " ei eivät emme en et ette että he heidän hän hänen ja joka jos jotka kanssa koska kuin kun"
     " me meidän minkä minun minä mitä mukaan mutta myös ne niiden niin nyt näin oli olivat"
     " olla on ovat se sekä sen siihen siinä siitä sinun sinä sitä sitten tai te tämä tämän tätä"
     " vaan vai vaikka "},
    {"russian",
     " а без более бы был была были было быть в вам вас во вот все всё вы где да для до его ее"
     " её если есть еще ещё же за здесь и из или им их к как ко когда кто ли либо мне может мы"
     " на над не него нее неё нет ни них но ну о об однако он она они оно от по под при с со"
     " так также такой там те тем то того тоже той только том ты у уже чего чем что чтобы эта"
     " эти это этого этой этом этот я "},
};

const char *qi_stop_words(const char *language)
{
    if (strcmp(language, "porter") == 0)
        language = "english";
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].language, language) == 0)
            return lists[i].words;
    return "";
}

bool qi_stop_has(const char *words, quire_str word)
{
    while (*words == ' ' && word.len != 0) {
        const char *start = words + 1, *end = strchr(start, ' ');
        if (end == NULL)
            return false;
        if ((size_t)(end - start) == word.len && memcmp(start, word.ptr, word.len) == 0)
            return true;
        words = end;
    }
    return false;
}
