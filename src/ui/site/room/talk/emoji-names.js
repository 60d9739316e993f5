// The emoji that are offered, each with the words that find it.

export const EMOJI = `
😀 grin smile 笑 | 😄 happy 开心 | 😂 joy lol 笑哭 | 🤣 rofl 笑翻 | 😊 blush 微笑 | 😍 heart_eyes 喜欢 | 🥰 love 爱 | 😎 cool 酷
🤩 star_struck wow 惊艳 | 🥳 party 庆祝 | 😜 wink crazy 调皮 | 🤔 thinking hmm 思考 | 🤗 hug 抱抱 | 😴 sleep 睡觉 | 😮 surprised oh 惊讶 | 😱 scream 惊恐
😢 sad 难过 | 😭 cry sob 大哭 | 😡 angry 生气 | 🤯 mind_blown 震惊 | 🙃 upside_down 倒脸 | 😅 sweat 尴尬 | 😇 angel 天使 | 🫡 salute 敬礼
👍 thumbs_up +1 yes 赞 | 👎 thumbs_down -1 no 踩 | 👏 clap 鼓掌 | 🙌 hooray 万岁 | 🙏 pray thanks 拜托 谢谢 | 💪 strong muscle 加油 | 👀 eyes look 看 | 🤝 handshake 握手
✌️ victory peace 耶 | 🤘 rock horns 摇滚 | 👋 wave hi bye 你好 再见 | 🫶 heart_hands 比心 | ❤️ heart red_heart 红心 | 🧡 orange_heart 橙心 | 💛 yellow_heart 黄心 | 💚 green_heart 绿心
💙 blue_heart 蓝心 | 💜 purple_heart 紫心 | 💔 broken_heart 心碎 | ✨ sparkles 闪亮 | 🔥 fire hot 火 | 🎉 tada congratulations 恭喜 | 💯 hundred 100 满分 | ⭐ star 星
🎵 music note 音乐 | 🎸 guitar 吉他 | 🥁 drum 鼓 | 🎤 mic sing 唱歌 | 🎧 headphones 耳机 | 🎮 game 游戏 | 🏆 trophy win 奖杯 | 🚀 rocket 火箭
🌈 rainbow 彩虹 | 🌸 blossom flower 花 | 🍀 clover luck 幸运 | 🌙 moon night 月亮 晚安 | ☕ coffee 咖啡 | 🍺 beer cheers 干杯 | 🍕 pizza 披萨 | 🍜 noodles ramen 面
🧋 bubble_tea 奶茶 | 🐱 cat 猫 | 🐶 dog 狗 | 🐼 panda 熊猫 | 🦊 fox 狐狸 | 🐸 frog 蛙 | 🦄 unicorn 独角兽 | 👑 crown king queen 王冠
`.trim().split(/[|\n]/).map((one) => {
  const [sign, ...names] = one.trim().split(' ');
  return { sign, names };
});

/** The one with just this word, or nothing. */
export const emojiNamed = (name) => EMOJI.find(({ names }) => names.includes(name.toLowerCase()))?.sign;

/** Those with a word that begins so, where the whole word was typed first. */
export function emojiLike(start, most = 6) {
  const wanted = start.toLowerCase();
  const found = EMOJI.filter(({ names }) => names.some((name) => name.startsWith(wanted) || name.split('_').some((part) => part.startsWith(wanted))));
  const whole = ({ names }) => Number(names.includes(wanted));
  return found.sort((a, b) => whole(b) - whole(a)).slice(0, most);
}
