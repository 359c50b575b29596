// A frame of the game.
//
//     load     main thread   the next level grows by a piece; when the present one is over, they change
//     move     all threads   ships fly on, and are counted by cell
//     sort     main, all     a counting sort: the grid has every ship, side by side with those of its cell         Game.Grid.cs
//     decide   all threads   an eighth of the ships looks for targets, steers, fires                               Game.Decisions.cs
//     fly      all threads   shots fly on, hit, burn out                                                           Game.Shots.cs
//     settle   main thread   hits are added up, what is destroyed or spent is removed, what is new is added
//
// The outcome is the same for any number of threads and either kind of memory. In a parallel phase a thread writes to its own ships or shots only, and reads of others only what nobody writes in
// that phase; who is nearest is decided by distance and serial number, never by order; damages are sums. Adding and removing is done by one thread, in the order of positions, which is not that
// of the serial numbers, but nothing depends on it: the checksum is a sum over entities, each by its serial number.
//
// No managed memory is allocated here after the constructor.

using System;
using System.Runtime.InteropServices;

using Swarm.Rules;

namespace Swarm.Engine;

internal sealed partial class Game<TTarget, TEntities, TMemory, TLevels> : IGame, IJob
    where TTarget : struct
    where TEntities : struct, IEntities<TTarget>
    where TMemory : struct, IFrameMemory<TTarget>
    where TLevels : struct, ILevels
{
    private const int BlastFrames = 30;

    private readonly Arena _arena;
    private readonly ulong _seed;
    private readonly WorkerThreads _threads;
    private readonly PartCount[] _stale;
    private readonly int _ships;

#pragma warning disable IDE0044 // Readonly, they would be copied before each call: they are structs with state of their own.
    private TEntities _entities;
    private TMemory _memory;
    private TLevels _levels;
#pragma warning restore IDE0044

    private LevelPlan _plan;
    private LevelPlan _nextPlan;
    private int _loaded;
    private Phase _phase;
    private uint _nextSerial;
    private long _destroyed;
    private long _fired;

    public Game(GameSetup setup, WorkerThreads threads, TEntities entities, TMemory memory, TLevels levels)
    {
        _arena = new Arena(setup.Entities);
        _seed = setup.Seed;
        _ships = setup.Entities;
        _threads = threads;
        _entities = entities;
        _memory = memory;
        _levels = levels;
        _stale = new PartCount[threads.Parts];
        PlanNext(0);
        Load(int.MaxValue);
        SwitchLevels();
        for (int i = 0; i < _ships; i++)
        {
            AddShip();
        }
    }

    private enum Phase
    {
        Move,
        Sort,
        Decide,
        Fly,
    }

    public int Frame { get; private set; }

    public Arena Arena => _arena;

    public LevelPlan Level => _plan;

    public void NextFrame()
    {
        Frame++;
        if (Frame % GameSetup.LevelFrames == 0)
        {
            Load(int.MaxValue);
            SwitchLevels();
        }
        else
        {
            Load(PieceOfLevel);
        }

        _memory.NextFrame(_entities.ShipCount, _arena.Cells);
        Run(Phase.Move);
        FindStarts();
        Run(Phase.Sort);
        Run(Phase.Decide);
        Run(Phase.Fly);
        Settle();
    }

    void IJob.Run(int part)
    {
        switch (_phase)
        {
            case Phase.Move:
                MoveShips(part);
                break;
            case Phase.Sort:
                SortShips(part);
                break;
            case Phase.Decide:
                Decide(part);
                break;
            default:
                FlyShots(part);
                break;
        }
    }

    public void UnloadLevels() => _levels.Unload();

    public long BytesHeld() => TLevels.BytesHeld();

    public void Dispose()
    {
        _levels.Dispose();
        _memory.Dispose();
        _entities.Dispose();
    }

    // A level is a cell's streams or a rock for each step. It is whole a sixth of the time before its turn.
    private int StepsOfLevel => _arena.Cells + _nextPlan.RockCount;

    private int PieceOfLevel => (StepsOfLevel / (GameSetup.LevelFrames * 5 / 6)) + 1;

    private void Run(Phase phase)
    {
        _phase = phase;
        _threads.Run(this);
    }

    private (int Start, int End) PartOf(int count, int part)
        => ((int)((long)count * part / _threads.Parts), (int)((long)count * (part + 1) / _threads.Parts));

    private void PlanNext(int number)
    {
        _nextPlan = new LevelPlan(_arena, _seed, _ships, number);
        _levels.Begin(_arena.Cells);
        _loaded = 0;
    }

    private void Load(int steps)
    {
        int end = (int)Math.Min((long)_loaded + steps, StepsOfLevel);
        for (; _loaded < end; _loaded++)
        {
            if (_loaded < _arena.Cells)
            {
                _levels.SetFlows(_loaded, _nextPlan.FlowsAt(_loaded));
            }
            else
            {
                RockState rock = _nextPlan.RockAt(_loaded - _arena.Cells);
                _levels.AddRock(_arena.CellOf(rock.X, rock.Y), rock);
            }
        }
    }

    private void SwitchLevels()
    {
        _levels.Switch();
        _plan = _nextPlan;
        PlanNext(_plan.Number + 1);
    }

    private void AddShip()
    {
        _entities.AddShip(ShipRules.Create(_arena, in _plan, _seed, _nextSerial));
        _nextSerial++;
    }

    private void Settle()
    {
        for (int part = 0; part < _threads.Parts; part++)
        {
            foreach (Hit hit in _memory.Hits(part))
            {
                ref ShipState ship = ref _entities.Ship(hit.Ship);
                if (ship.Health > 0)
                {
                    ship.Health = (short)Math.Max(0, ship.Health - hit.Damage);
                    if (ship.Health == 0)
                    {
                        _memory.AddDestroyed(_entities.ReferenceTo(hit.Ship));
                        _entities.AddBlast(ship.X, ship.Y);
                    }
                }
            }
        }

        // From the last position to the first: what moves into a gap is never spent itself.
        for (int part = _threads.Parts - 1; part >= 0; part--)
        {
            ReadOnlySpan<int> spent = _memory.Spent(part);
            for (int i = spent.Length - 1; i >= 0; i--)
            {
                _entities.RemoveShot(spent[i]);
            }
        }

        for (int part = 0; part < _threads.Parts; part++)
        {
            ReadOnlySpan<Shot<TTarget>> fired = _memory.Fired(part);
            _fired += fired.Length;
            foreach (ref readonly Shot<TTarget> shot in fired)
            {
                _entities.AddShot(in shot);
            }
        }

        ReadOnlySpan<TTarget> destroyed = _memory.Destroyed;
        _destroyed += destroyed.Length;
        foreach (TTarget ship in destroyed)
        {
            _entities.RemoveShip(ship);
            AddShip();
        }

        _entities.AgeBlasts(BlastFrames);
    }

    /// <summary>A count of a thread, on a cache line of its own.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct PartCount
    {
        public long Value;
    }
}
